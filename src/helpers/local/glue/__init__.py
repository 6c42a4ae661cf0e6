"""The Glue Data Catalog where the emulator's falls short: versions, partition filters, search, paging."""
