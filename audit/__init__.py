"""durable-audit: does what the agent says reach the user, everywhere, and does the user stay in control?"""

__version__ = "0.1.0"
