"""What every page needs: guards, form base, filters, listing, problem pages, slots, headers, assets."""
