"""What is shown of each kind of report, without the markup of any format."""
