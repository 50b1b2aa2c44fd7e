"""Travel by public transport: lines by headway, timetables, and the walks to, between and from stops."""
