"""Personal data on pages opened by a link alone: enough to recognise one's own, not enough to learn another's."""

DOTS = "•••"


def name(full: str) -> str:
    """Mara Reyes: "Mara R•••"."""
    first, *rest = full.split() or [""]
    return " ".join([first, *(word[0] + DOTS for word in rest)])


def street(line: str) -> str:
    """18 Alder Road: "1••• A••• R•••"."""
    return " ".join(word[0] + DOTS for word in line.split())


def email(address: str) -> str:
    """mara@example.com: "m•••@•••.com"."""
    local, at, host = address.rpartition("@")
    if not at or not local:
        return DOTS
    return f"{local[0]}{DOTS}@{DOTS}.{host.rpartition('.')[2]}"
