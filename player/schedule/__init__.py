"""The venue's day, by the clock: when it is open, which part of the day it is, what is announced."""
