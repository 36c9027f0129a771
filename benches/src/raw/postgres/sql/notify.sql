NOTIFY events;
