//! Answers about access agree with an evaluator that is slow and obvious, over small worlds with everything in them:
//! circles of groups, denies with exceptions, conditions, assignments that nesting is not followed for, policies that deny.

#![allow(clippy::unwrap_used)] // A test that cannot go on fails.

mod azure;
mod backstage;
mod differences;
mod properties;
mod slow;
