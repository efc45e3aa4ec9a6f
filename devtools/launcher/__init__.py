"""Starts, watches and stops the processes of PRO Platform for bin/run, bin/test and tests that need real ones."""
