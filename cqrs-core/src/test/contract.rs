//! The contract suites: what every event store and every view store must do, each from a file of a
//! few lines.

#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::unwrap_used,
    clippy::missing_panics_doc
)]

pub mod append;
pub mod read;
pub mod sample;
pub mod snapshot;
pub mod view_letters;
pub mod view_nodes;
pub mod view_partitions;
pub mod view_query;
pub mod view_search;
pub mod view_swap;
pub mod view_write;

use std::any::Any;

use crate::store::Stores;

/// Stores under test, and what must live as long as they do: a temporary folder, a server.
pub struct Fixture {
    /// The stores, empty.
    pub stores: Stores,
    /// Dropped after the test.
    pub keep: Box<dyn Any + Send>,
}

impl Fixture {
    /// These stores; `keep` is dropped after the test.
    pub fn new(stores: Stores, keep: impl Any + Send) -> Self {
        let keep = Box::new(keep);
        Self { stores, keep }
    }
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fixture").finish_non_exhaustive()
    }
}

/// One test for every point of the event store's contract. `$open` is an async function that makes
/// an empty [`Fixture`].
#[macro_export]
macro_rules! event_store_contract {
    ($open:ident) => {
        $crate::contract_tests! { $open, append:
            what_is_appended_reads_back_equal
            an_expected_version_decides
            a_conflict_in_a_batch_is_its_own
            several_streams_are_appended_together_or_not_at_all
            later_members_of_a_batch_see_earlier_ones
            a_repeated_command_answers_with_its_first_receipt
            a_repeated_command_in_one_batch_is_stored_once
            a_command_id_belongs_to_one_command
            what_no_store_can_hold_is_refused
            time_never_runs_backwards_in_a_stream
            concurrent_writers_lose_nothing
        }
        $crate::contract_tests! { $open, read:
            a_stream_is_read_forwards_from_a_version
            a_missing_stream_is_empty
            the_log_is_read_in_pages
            the_log_is_filtered
            the_head_moves_with_the_log
            any_text_reads_back_equal
        }
        $crate::contract_tests! { $open, snapshot:
            a_snapshot_reads_back_equal
            a_snapshot_of_another_shape_is_not_found
            an_older_snapshot_does_not_replace_a_newer_one
        }
    };
}

/// One test for every point of the view store's contract. `$open` is an async function that makes an
/// empty [`Fixture`].
#[macro_export]
macro_rules! view_store_contract {
    ($open:ident) => {
        $crate::contract_tests! { $open, view_write:
            a_new_view_begins_where_it_is_told
            a_page_writes_rows_and_checkpoint_together
            a_failing_fold_writes_nothing
            rows_are_changed_and_deleted
            columns_may_have_the_names_of_a_store
            a_filter_loads_its_rows
            a_filter_finds_each_of_many_rows_once
            a_fold_that_fails_late_writes_nothing
            a_stale_worker_is_fenced
            a_stale_worker_adds_no_row
            a_worker_that_gave_back_its_lease_is_fenced
            a_page_from_elsewhere_is_fenced
            one_worker_holds_the_lease
            a_view_keeps_its_rows_when_opened_again
            views_do_not_mix
        }
        $crate::contract_tests! { $open, view_swap:
            the_first_table_of_a_view_answers_at_once
            a_changed_view_answers_after_the_swap
            other_columns_are_not_answered_by_an_older_table
            a_swap_never_goes_backwards
            a_build_never_goes_backwards
            a_swap_needs_the_lease
            a_built_table_takes_the_place_of_its_view
            one_worker_builds_a_view
            a_build_that_was_left_begins_anew
            a_table_that_nobody_feeds_is_dropped
            a_table_that_is_fed_stays
            the_table_that_answers_stays
            who_lacks_an_event_cannot_go_on
            an_added_event_is_remembered_until_it_is_settled
            a_build_that_lacks_an_event_is_not_swapped_in
        }
        $crate::contract_tests! { $open, view_partitions:
            each_partition_has_a_worker_of_its_own
            partitions_begin_at_one_place
            a_takeover_of_one_partition_leaves_the_others
            each_partition_has_dead_letters_of_its_own
            a_request_is_for_one_partition
            a_divided_view_answers_when_its_slowest_partition_has_caught_up
            another_number_of_partitions_is_waited_for_as_a_whole
            one_worker_builds_every_partition
            a_build_takes_no_partition_back
            a_table_that_answers_takes_no_name_again
            an_event_that_is_added_is_one_for_every_partition
            a_divided_table_is_in_use_while_one_partition_is
        }
        $crate::contract_tests! { $open, view_nodes:
            the_leases_tell_who_feeds_which_partition
            a_lease_that_has_run_out_is_nobodys
            who_stands_by_is_known_until_it_leaves
            a_node_that_is_not_heard_of_is_not_counted
            a_node_that_lacks_an_event_is_not_counted
            nodes_of_other_code_are_not_counted
        }
        $crate::contract_tests! { $open, view_letters:
            a_letter_is_kept_with_its_page
            a_letter_that_fails_again_counts_its_tries
            what_is_released_is_gone
            a_discarded_letter_is_kept_with_its_reason
            a_stale_worker_changes_no_letter
            a_failing_fold_changes_no_letter
            letters_are_listed_in_pages
            letters_of_views_do_not_mix
            a_request_is_answered_once
            a_built_table_brings_its_letters
            a_subscription_has_a_checkpoint_and_letters_without_rows
        }
        $crate::contract_tests! { $open, view_query:
            every_kind_of_value_reads_back_equal
            filters_choose_rows
            every_kind_is_ordered_by_its_value
            null_comes_last_in_both_directions
            text_is_ordered_by_bytes
            pages_walk_through_all_rows_once
            ties_are_ordered_by_key
            rows_are_counted
        }
        $crate::contract_tests! { $open, view_search:
            every_word_must_be_there
            case_and_accents_do_not_count
            letters_of_every_script_count
            a_phrase_stands_side_by_side
            a_star_finds_beginnings
            the_best_row_comes_first
            a_search_is_filtered
            changed_rows_leave_no_stale_hit
            a_page_that_is_not_written_changes_no_hit
            any_text_can_be_searched_for
            searched_columns_may_have_any_name
            a_view_without_full_text_finds_nothing
            a_built_table_brings_its_words
        }
    };
}

/// A test function for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($open:ident, $suite:ident: $($case:ident)*) => {
        mod $suite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let fixture = super::$open().await;
                    $crate::test::contract::$suite::$case(&fixture.stores).await;
                }
            )*
        }
    };
}
