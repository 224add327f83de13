"""A black-box conformance suite for chat bots: behaviours, stages, subjects, verdicts, reports."""
