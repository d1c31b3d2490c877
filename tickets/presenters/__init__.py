"""From rows to what templates print: plain values, worded, each made once. No queries of their own."""
