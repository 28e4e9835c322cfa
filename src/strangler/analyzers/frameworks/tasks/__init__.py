"""Background tasks: Celery, and the smaller queues and schedulers."""
