"""The parts of the page, one file each: runs -> `emp_tooling.pages.page.Section`."""
