"""A process of its own: the timetable (APScheduler), the leader lock, thin jobs. Any number may run."""
