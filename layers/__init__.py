"""Turn data into something to see: drawings, styles, legends, and the folium map that carries them."""
