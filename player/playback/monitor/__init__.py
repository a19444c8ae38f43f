"""What is really heard at the loudspeaker, and what to do about silence."""
