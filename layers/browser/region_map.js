/* Draw what the Python modules of layers/ send: base map, scenes, labels, legend.

   Every text arrives with its special characters as HTML entities (layers/safe.py): it may be put into innerHTML, and
   nothing else may. Nothing here asks any host for anything. */
(function () {
  "use strict";

  // storeys of the map, from the ground up; a layer of a storey is above all of those below it
  const PANES = { ground: 300, water: 310, roads: 320, shades: 370, areas: 380, zones: 390, lines: 420, points: 450, marked: 470, names: 610 };
  const HIT_PX = 14; // width of the invisible line that takes the clicks meant for a thin one
  const NARROW_PX = 560;
  const BELOW_PX = 19; // from a badge to the name below it: as in region_map.css
  const TWIN_PX = 150; // a road's number is not written twice within this distance
  const LEGEND_PX = 240; // room that an open legend takes from the map's width

  // signs of badges, drawn for this application on a field of 24 x 24
  const SIGNS = {
    box: "M2 7h20v11H2zM5 10v5h2v-5zm4 0v5h2v-5zm4 0v5h2v-5zm4 0v5h2v-5z",
    anchor: "M12 2a3 3 0 0 0-1.2 5.7V10H7.5v2.2h3.3v6.5C8 18 6 16.2 5.6 13.5H3C3.5 18 7.2 21.5 12 21.5s8.5-3.5 9-8h-2.6C18 16.2 16 18 13.2 18.7v-6.5h3.3V10h-3.3V7.7A3 3 0 0 0 12 2zm0 2.1a.9.9 0 1 1 0 1.8.9.9 0 0 1 0-1.8z",
    train: "M7 3h10a2 2 0 0 1 2 2v9a3 3 0 0 1-2 3l2 4h-3l-1-2H9l-1 2H5l2-4a3 3 0 0 1-2-3V5a2 2 0 0 1 2-2zm.5 3v4.5h9V6zm1.5 6.5a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6zm6 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6z",
    plane: "M10.7 2.5h2.6v6.8l8.7 5v2.4l-8.7-2.6v4.6l2.7 1.9v1.9L12 21.4l-4 1.1v-1.9l2.7-1.9v-4.6L2 16.7v-2.4l8.7-5z",
    columns: "M12 2.5 2.5 8v2h19V8zM4.5 11.5h3v6h-3zm6 0h3v6h-3zm6 0h3v6h-3zM2.5 19h19v2.5h-19z",
    bus: "M6 3h12a2 2 0 0 1 2 2v13h-1.5v3H15v-3H9v3H5.5v-3H4V5a2 2 0 0 1 2-2zm.5 3v5.5h11V6zm1.2 7.5a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6zm8.6 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6z",
    cross: "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z",
    cap: "M12 4 1.5 9.3 12 14.6l7-3.5v6h2V10zM5.5 13.3v3.9c0 1.5 3 3.3 6.5 3.3s6.5-1.8 6.5-3.3v-3.9L12 16.7z",
    shop: "M4 4h16l2 6h-2v10H4V10H2zm3 8v5h4v-5zm6 0v5h4v-5z",
    star: "M12 2.5l2.9 6.3 6.8.7-5.1 4.6 1.5 6.8L12 17.4l-6.1 3.5 1.5-6.8L2.3 9.5l6.8-.7z",
    flag: "M5 2.5h2.3V4H20l-3.5 4.5L20 13H7.3v8.5H5z",
    house: "M12 3 2.5 11.5H5.5V20.5h5v-5h3v5h5v-9h3z",
    bulb: "M12 2a7 7 0 0 0-3.8 12.9V17h7.6v-2.1A7 7 0 0 0 12 2zM8.7 18.5h6.6V20h-6.6zm1.3 2.5h4v1.3h-4z",
    tree: "M12 2 6.5 9.5H9L4.5 16h6.2v5.5h2.6V16h6.2L15 9.5h2.5z",
    ring: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6z",
    dot: "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
  };

  let shownOn = null; // the one map of this frame
  let ground = { title: "", legend: [] }; // what the base map's legend says
  const hidden = {}; // layers that the reader has switched, by name: kept while the map's contents change
  let legendControl = null;
  let lastFocus = null;
  let legendOpen = null; // as the reader left it
  let legendExpected = true;

  function dashOf(style) {
    return style.dash || null;
  }

  function pathOptions(style, extra) {
    const filled = Boolean(style.fill);
    return Object.assign(
      {
        color: style.color,
        weight: style.weight === undefined ? 1 : style.weight,
        opacity: style.opacity === undefined ? 1 : style.opacity,
        dashArray: dashOf(style),
        lineCap: style.dash && parseFloat(style.dash) <= 2 ? "round" : "butt",
        lineJoin: "round",
        fill: filled,
        fillColor: style.fill || style.color,
        fillOpacity: style.fill_opacity || 0,
        className: style.css || "",
      },
      extra
    );
  }

  // the sign of a point as SVG; count is written inside the ring of "near here"
  function badge(style, count) {
    const r = style.radius || 8;
    const size = 2 * r + 4;
    const mid = size / 2;
    const back = style.hollow ? "#ffffff" : style.color;
    const front = style.hollow ? style.color : "#ffffff";
    const dash = style.dash ? ` stroke-dasharray="${style.dash}"` : "";
    const edge = `stroke="${style.hollow ? style.color : "#ffffff"}" stroke-width="${style.hollow ? 1.8 : 1.3}"${dash}`;
    let body = "";
    if (style.shape === "near") {
      body =
        `<circle cx="${mid}" cy="${mid}" r="${r}" fill="#ffffff" fill-opacity=".86" stroke="${style.color}" stroke-width="1.7" stroke-dasharray="3.5 2.5"/>` +
        `<text x="${mid}" y="${mid}" dy=".35em" text-anchor="middle">${count > 1 ? count : "?"}</text>`;
    } else if (style.shape === "pin") {
      const h = size * 1.25;
      const eye = style.mark
        ? `<text x="12" y="11" dy=".36em" text-anchor="middle" style="font-size:10.5px;fill:#fff">${style.mark}</text>`
        : `<circle cx="12" cy="11" r="4" fill="#fff"/>`;
      return {
        html: `<svg width="${size}" height="${h}" viewBox="0 0 24 30" aria-hidden="true"><path d="M12 1a10 10 0 0 1 10 10c0 7-10 18-10 18S2 18 2 11A10 10 0 0 1 12 1z" fill="${style.color}" stroke="#fff" stroke-width="1.6"/>${eye}</svg>`,
        size: [size, h],
        anchor: [mid, h - 1],
      };
    } else if (style.shape === "halo") {
      body = `<circle cx="${mid}" cy="${mid}" r="${r}" fill="none" stroke="#fff" stroke-width="5"/><circle cx="${mid}" cy="${mid}" r="${r}" fill="none" stroke="${style.color}" stroke-width="2.5"/>`;
    } else if (style.shape === "diamond") {
      body = `<path d="M${mid} ${mid - r}L${mid + r} ${mid}L${mid} ${mid + r}L${mid - r} ${mid}Z" fill="${back}" ${edge} stroke-linejoin="round"/>`;
    } else if (style.shape === "square") {
      body = `<rect x="${mid - r}" y="${mid - r}" width="${2 * r}" height="${2 * r}" rx="2.5" fill="${back}" ${edge}/>`;
    } else {
      body = `<circle cx="${mid}" cy="${mid}" r="${r}" fill="${back}" ${edge}/>`;
    }
    if (style.sign) {
      const g = r * 1.36;
      body += `<svg x="${mid - g / 2}" y="${mid - g / 2}" width="${g}" height="${g}" viewBox="0 0 24 24"><path d="${SIGNS[style.sign] || SIGNS.dot}" fill="${front}" fill-rule="evenodd"/></svg>`;
    }
    const aside = style.aside || 0;
    return { html: `<svg width="${size}" height="${size}" aria-hidden="true">${body}</svg>`, size: [size, size], anchor: [mid - aside, mid - Math.abs(aside) / 2] };
  }

  function tip(lines) {
    return `<strong>${lines[0]}</strong>` + lines.slice(1).map((line) => `<div>${line}</div>`).join("");
  }

  function marker(feature, latlng, style, pane, interactive) {
    if (!style.shape) {
      return L.circleMarker(latlng, pathOptions(style, { radius: style.radius || 4, pane: pane, interactive: interactive }));
    }
    const count = (feature.properties.ids || []).length;
    const drawn = badge(style, count);
    const icon = L.divIcon({ className: `region-badge ${style.css || ""}`, html: drawn.html, iconSize: drawn.size, iconAnchor: drawn.anchor });
    // a badge lies above all lines, whatever its layer
    return L.marker(latlng, { icon: icon, pane: pane === "marked" ? pane : "points", interactive: interactive, keyboard: false, bubblingMouseEvents: true });
  }

  const isLine = (feature) => /LineString$/.test(feature.geometry.type);
  const isPoint = (feature) => /Point$/.test(feature.geometry.type);

  // name the sources of a layer as long as it is on the map, each once
  function credit(group, parts) {
    group.on("add", () => parts.forEach((part) => shownOn.attributionControl.addAttribution(part)));
    group.on("remove", (event) => parts.forEach((part) => shownOn.attributionControl.removeAttribution(part)));
  }

  // one drawing as a group: casings below, then the features, then invisible wide lines that take the clicks
  function draw(drawing) {
    const styleOf = (feature) => drawing.styles[feature.properties.s] || drawing.styles[0];
    const data = drawing.features;
    const group = L.featureGroup();
    credit(group, drawing.attribution);
    const some = (test) => ({ type: "FeatureCollection", features: data.features.filter(test) });
    const cased = some((f) => !isPoint(f) && styleOf(f).casing);
    if (cased.features.length) {
      L.geoJson(cased, {
        pane: drawing.pane,
        interactive: false,
        style: (f) => {
          const s = styleOf(f);
          const halo = s.halo === undefined ? 1.5 : s.halo;
          return { color: s.casing, weight: s.weight + 2 * halo, opacity: 0.9, fill: false, lineJoin: "round" };
        },
      }).addTo(group);
    }
    const lively = (f) => drawing.interactive && !isLine(f);
    const onEach = (feature, layer) => {
      const lines = feature.properties.t || [];
      if (drawing.interactive && lines.length) {
        layer.bindTooltip(tip(lines), { sticky: true, className: "region-tip", direction: "auto", opacity: 1 });
      }
    };
    L.geoJson(some((f) => lively(f)), {
      pane: drawing.pane,
      interactive: true,
      style: (f) => pathOptions(styleOf(f)),
      pointToLayer: (f, at) => marker(f, at, styleOf(f), drawing.pane, true),
      onEachFeature: onEach,
    }).addTo(group);
    L.geoJson(some((f) => !lively(f)), {
      pane: drawing.pane,
      interactive: false,
      style: (f) => pathOptions(styleOf(f)),
      pointToLayer: (f, at) => marker(f, at, styleOf(f), drawing.pane, false),
    }).addTo(group);
    const lines = some((f) => drawing.interactive && isLine(f));
    if (lines.features.length) {
      L.geoJson(lines, {
        pane: drawing.pane,
        style: (f) => ({ color: "#000", opacity: 0, weight: HIT_PX, className: `hit ${styleOf(f).css || ""}` }),
        onEachFeature: onEach,
      }).addTo(group);
    }
    drawing.labels.forEach((label) => nameMarker(label).addTo(group));
    return group;
  }

  // label: [lat, lon, text, class, smallest zoom, rank]
  function nameMarker(label) {
    const icon = L.divIcon({ className: `region-name ${label[3]}`, html: `<span>${label[2]}</span>`, iconSize: [0, 0] });
    const at = L.marker([label[0], label[1]], { icon: icon, pane: "names", interactive: false, keyboard: false });
    at.regionName = { minZoom: label[4], rank: label[5], below: / below/.test(label[3]), shield: /^shield/.test(label[3]) };
    return at;
  }

  // show the names that have room, the more important ones (lower rank) first
  function placeNames(map) {
    const names = [];
    map.eachLayer((layer) => {
      if (layer.regionName && layer._icon) names.push(layer);
    });
    names.sort((a, b) => a.regionName.rank - b.regionName.rank);
    // all sizes are read before anything is written: each reading after a writing lays the whole page out again
    const sizes = names.map((layer) => [layer._icon.firstChild.offsetWidth, layer._icon.firstChild.offsetHeight]);
    const taken = [];
    const shields = [];
    const zoom = map.getZoom();
    names.forEach((layer, i) => {
      const words = layer._icon.firstChild.textContent;
      const at = map.latLngToLayerPoint(layer.getLatLng());
      if (layer.regionName.below) at.y += BELOW_PX;
      const w = sizes[i][0] / 2 + 3;
      const h = sizes[i][1] / 2 + 1;
      const box = [at.x - w, at.y - h, at.x + w, at.y + h];
      const twin = layer.regionName.shield && shields.some((s) => s[0] === words && Math.hypot(s[1].x - at.x, s[1].y - at.y) < TWIN_PX);
      const room = zoom >= layer.regionName.minZoom && !twin && !taken.some((t) => t[0] < box[2] && box[0] < t[2] && t[1] < box[3] && box[1] < t[3]);
      layer._icon.classList.toggle("no-room", !room);
      if (room) taken.push(box);
      if (room && layer.regionName.shield) shields.push([words, at]);
    });
  }

  let placing = 0;
  function placeNamesSoon(map) {
    cancelAnimationFrame(placing);
    placing = requestAnimationFrame(() => placeNames(map));
  }

  function swatch(entry) {
    const s = entry.style;
    if (entry.form === "point" && s.shape) {
      const drawn = badge(Object.assign({}, s, { radius: Math.min(s.radius || 8, 8) }), 5);
      return drawn.html;
    }
    const dash = s.dash ? ` stroke-dasharray="${s.dash}"` : "";
    const cap = s.dash && parseFloat(s.dash) <= 2 ? "round" : "butt";
    const stroke = `stroke="${s.color}" stroke-width="${s.weight || 1}" stroke-opacity="${s.opacity || 1}" stroke-linecap="${cap}"${dash}`;
    let body;
    if (entry.form === "line") body = `<line x1="1" y1="8" x2="29" y2="8" ${stroke}/>`;
    else if (entry.form === "point") body = `<circle cx="15" cy="8" r="${s.radius || 4}" fill="${s.fill || s.color}" ${stroke}/>`;
    else body = `<rect x="2" y="2" width="26" height="12" rx="1.5" fill="${s.fill || "none"}" fill-opacity="${s.fill_opacity || 0}" ${stroke}/>`;
    return `<svg width="30" height="16" aria-hidden="true">${body}</svg>`;
  }

  function explain(part, entries) {
    const list = L.DomUtil.create("ul", "", part);
    entries.forEach((entry) => {
      L.DomUtil.create("li", "", list).innerHTML = `<i>${swatch(entry)}</i><span>${entry.label}</span>`;
    });
  }

  function legend(map, scene, groups, group) {
    if (legendControl) map.removeControl(legendControl);
    legendControl = null;
    // what is seen first, then what can be switched on
    const on = (d) => !d.switch || group.hasLayer(groups[d.name] || 0);
    const listed = scene.drawings.filter((d) => d.switch || d.legend.length).sort((a, b) => on(b) - on(a));
    if (!scene.legendTitle || !listed.length) return;
    const narrow = map.getSize().x < NARROW_PX;
    legendControl = L.control({ position: "topright" });
    legendControl.onAdd = () => {
      const box = L.DomUtil.create("details", "region-legend leaflet-control");
      box.open = legendOpen === null ? !narrow : legendOpen;
      box.addEventListener("toggle", () => {
        legendOpen = box.open;
      });
      const head = L.DomUtil.create("summary", "", box);
      head.innerHTML = scene.legendTitle;
      const body = L.DomUtil.create("div", "body", box);
      body.style.maxHeight = `${Math.max(120, map.getSize().y - 110)}px`;
      listed.forEach((drawing) => {
        const part = L.DomUtil.create("div", "part", body);
        if (drawing.switch) {
          const line = L.DomUtil.create("label", "switch", part);
          const tick = L.DomUtil.create("input", "", line);
          tick.type = "checkbox";
          tick.dataset.layer = drawing.name;
          tick.checked = on(drawing);
          tick.addEventListener("change", () => {
            hidden[drawing.name] = !tick.checked;
            if (tick.checked) group.addLayer(drawn(groups, drawing));
            else group.removeLayer(groups[drawing.name]);
            part.classList.toggle("off", !tick.checked);
            placeNamesSoon(map);
          });
          part.classList.toggle("off", !tick.checked);
          L.DomUtil.create("span", "", line).innerHTML = drawing.title;
        } else if (drawing.title) {
          L.DomUtil.create("div", "switch", part).innerHTML = drawing.title;
        }
        explain(part, drawing.legend);
      });
      const still = L.DomUtil.create("div", "part", body);
      L.DomUtil.create("div", "switch", still).innerHTML = ground.title;
      explain(still, ground.legend);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    legendControl.addTo(map);
  }

  // look at a place, with room for the legend where it is open
  function look(map, bounds, options) {
    if (map._animatingZoom) {
      // Leaflet drops a view that is set in the middle of an animated zoom
      map.once("zoomend", () => look(map, bounds, options));
      return;
    }
    const wide = map.getSize().x >= NARROW_PX;
    const open = wide && (legendOpen === null || legendOpen) && legendExpected;
    const room = Object.assign({ paddingTopLeft: [12, 12], paddingBottomRight: [open ? LEGEND_PX : 12, 26] }, options);
    // a map that shows the place already would only project and cut every shape anew
    const aim = map._getBoundsCenterZoom(bounds, room);
    const away = map.project(aim.center, aim.zoom).distanceTo(map.project(map.getCenter(), aim.zoom));
    if (aim.zoom === map.getZoom() && away < 1) return;
    map.fitBounds(bounds, room);
  }

  // a drawing's group, made when it is first shown: most layers of a page start switched off
  function drawn(groups, drawing) {
    groups[drawing.name] = groups[drawing.name] || draw(drawing);
    return groups[drawing.name];
  }

  // all that changes: returns the group that st_folium adds to the map and removes again
  function scene(map, data) {
    const group = L.featureGroup();
    const groups = {};
    data.drawings.forEach((drawing) => {
      const off = drawing.switch && (hidden[drawing.name] === undefined ? !drawing.shown : hidden[drawing.name]);
      if (!off) group.addLayer(drawn(groups, drawing));
    });
    legendExpected = Boolean(data.legendTitle);
    legend(map, data, groups, group);
    group.on("add", () => placeNamesSoon(map));
    group.on("remove", () => placeNamesSoon(map));
    const focus = data.focus && JSON.stringify(data.focus);
    if (focus && focus !== lastFocus) look(map, data.focus.bounds, { maxZoom: data.focus.maxZoom, animate: lastFocus !== null });
    lastFocus = focus || lastFocus;
    return group;
  }

  // all that stays: storeys, ground, names, scale, buttons; called once, when the map is made
  function base(map, data) {
    shownOn = map;
    ground = data;
    Object.entries(PANES).forEach(([name, level]) => {
      map.createPane(name).style.zIndex = level;
    });
    map.getPane("names").style.pointerEvents = "none";
    map.attributionControl.setPrefix("Leaflet");
    L.control.zoom({ position: "topleft", zoomInTitle: data.zoomIn, zoomOutTitle: data.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    if (data.north) {
      const north = L.control({ position: "bottomleft" });
      north.onAdd = () => {
        const box = L.DomUtil.create("div", "region-north");
        box.innerHTML = `<svg width="22" height="30" viewBox="0 0 22 30" aria-hidden="true"><path d="M11 1 18 20 11 16 4 20Z" fill="#fff" stroke="#33424f" stroke-width="1.2" stroke-linejoin="round"/><path d="M11 1 11 16 4 20Z" fill="#33424f"/><text x="11" y="29.5" text-anchor="middle" font-size="9" font-weight="700" fill="#33424f">${data.north}</text></svg>`;
        return box;
      };
      north.addTo(map);
    }
    look(map, data.bounds, { animate: false }); // before anything is drawn: a new zoom projects every shape anew
    data.drawings.forEach((drawing) => draw(drawing).addTo(map));
    map.on("zoomend layeradd layerremove", () => placeNamesSoon(map));
    const scale = () => {
      const zoom = map.getZoom();
      map.getContainer().dataset.zoom = zoom;
      map.getContainer().classList.toggle("far", zoom < 10.75);
      map.getContainer().classList.toggle("mid", zoom >= 10.75 && zoom < 12.25);
    };
    map.on("zoomend", scale);
    scale();
    map.attributionControl.getContainer().tabIndex = 0; // one line; whole on hover and focus
    // style sheets come after the scripts, and a map in a closed section has no size until it opens
    let first = true;
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      if (first && map.getSize().x > 0) {
        first = false;
        // a scene that came while the map had no size could not be looked at yet
        const wanted = lastFocus === null ? { bounds: data.bounds } : JSON.parse(lastFocus);
        look(map, wanted.bounds, { maxZoom: wanted.maxZoom, animate: false });
      }
      placeNamesSoon(map);
    }).observe(map.getContainer());
    document.querySelectorAll("link[rel=stylesheet]").forEach((link) => link.addEventListener("load", () => placeNamesSoon(map)));
    setTimeout(() => placeNamesSoon(map), 400);
  }

  window.RegionMap = { base: base, scene: scene };
})();
