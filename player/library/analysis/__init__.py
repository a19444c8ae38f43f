"""What is heard in a music file, once, in processes of their own."""
