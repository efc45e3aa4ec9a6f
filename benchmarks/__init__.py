"""Repeatable measurements. Each prints a ratio to a limit that it measures in the same run; none decides a test."""
