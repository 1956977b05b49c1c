"""Load with verification: many devices under churn, every event of every device checked as it arrives.

Only `locustfile.py` imports Locust, which patches the whole process; it runs in child processes.
"""
