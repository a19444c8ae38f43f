"""The BLIP reader: pixels -> image encoder -> words found one by one -> a caption.

Begin reading at reader.py. Its models are built on the user's machine (docs/blip.md).
"""
