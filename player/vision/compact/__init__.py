"""The reader for small machines: a detector, a tagger and the pixels themselves, in one sentence."""
