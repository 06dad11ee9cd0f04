"""The state and operations of one user at one service. They do not depend on a front end."""
