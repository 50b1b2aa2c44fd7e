"""Turn data into what is seen: catalogue, styles, legends, folium."""
