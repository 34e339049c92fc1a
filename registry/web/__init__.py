"""HTTP shared by the rooms: problems, parameters, paging, conditional requests, languages."""
