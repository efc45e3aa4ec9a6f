"""The release of this code, as pyproject.toml says it; docs/upgrading.md tells what a new one may change."""

VERSION = "0.1.0"
