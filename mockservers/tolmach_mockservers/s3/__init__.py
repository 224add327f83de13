"""A fake of S3 storage that really verifies what it is sent."""
