"""What is kept of the person: the contact and free texts, sealed at rest, deleted at erasure.

They never leave intake: logs, Kafka, metrics, traces and problems hold references only.
"""
