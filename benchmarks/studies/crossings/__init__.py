"""What a learned crossing is worth beside every other way of answering as accurately."""
