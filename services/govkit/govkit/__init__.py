"""The kit of the county's services: mechanism only, it knows no service."""
