"""What every face stands on: who is signed in, their codes, their challenge. Knows no face."""
