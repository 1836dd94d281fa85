"""The zone of every instant that a source gives without one, and of every day in a report."""

TIME_ZONE = "Asia/Shanghai"
