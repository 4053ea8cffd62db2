"""What a helpdesk is: sender, thread, route, receipt, lifecycle, notices. Pure: no I/O, no clock."""
