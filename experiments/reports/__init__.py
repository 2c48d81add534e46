"""What runs leave for people to read: the report of an evaluation and pages of transcripts."""

__all__ = ["agent_report", "report", "transcript_page"]
