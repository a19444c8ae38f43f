"""The mood of a sentence as a language model behind an OpenAI-compatible endpoint reads it."""
