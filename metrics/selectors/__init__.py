from metrics.selectors.summary import DaySums, Summary, metric_summary
from metrics.selectors.today import Today, revenue_by_day, today_counters

__all__ = ["DaySums", "Summary", "Today", "metric_summary", "revenue_by_day", "today_counters"]
