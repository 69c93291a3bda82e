"""What is checked, chosen, ordered and sealed before anybody is asked to approve."""
