"""What banks and AutoPay central answer to our files."""
