'use strict';

// Draws the figures one after the other, so that the page can be read meanwhile.

const PRINTED_WIDTH = 680; // A4 less its margins, in CSS pixels.
const places = document.querySelectorAll('[data-figure]');

async function draw(place) {
  const {data, layout} = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  try {
    await Plotly.newPlot(place, data, layout, {
      responsive: true,
      displayModeBar: false, // dragging zooms, a double click goes back; one of its buttons sends to a server
      plotlyServerURL: '',
      plotGlPixelRatio: 1, // twice the pixels take four times as long where no GPU draws
    });
  } catch (error) {
    place.textContent = `This figure could not be drawn: ${error.message}`;
    return;
  }
  place.on('plotly_click', (event) => show(event.points[0].customdata));
}

// A mark that stands for a trial has its number: go to its chapter, or else to its row in the table.
function show(number) {
  const id = [`trial-${number}`, `row-${number}`].find((one) => document.getElementById(one));
  if (!id) return;
  location.hash = id;
  document.getElementById(id).scrollIntoView();
}

async function drawAll() {
  for (const place of places) {
    await new Promise((resume) => setTimeout(resume));
    await draw(place);
  }
  document.body.dataset.drawn = 'all';
}

function resize(size) {
  for (const place of places) if (place.layout) Plotly.relayout(place, size);
}

addEventListener('beforeprint', () => resize({autosize: false, width: PRINTED_WIDTH}));
addEventListener('afterprint', () => resize({autosize: true, width: null}));
drawAll();
