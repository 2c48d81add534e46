"""Tests of families that act."""
