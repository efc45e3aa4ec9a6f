from metrics.selectors.summary import DaySums, Summary, metric_summary
from metrics.selectors.today import Today, today_counters

__all__ = ["DaySums", "Summary", "Today", "metric_summary", "today_counters"]
