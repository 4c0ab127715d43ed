"use strict";
// Moving along a figure, or its slider, reads off its curves. The page says everything without this.
for (const figure of document.querySelectorAll("figure[data-reading]")) {
  const reading = JSON.parse(figure.dataset.reading);
  const svg = figure.querySelector("svg");
  const make = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const cursor = svg.appendChild(make("g", { class: "cursor", visibility: "hidden" }));
  const line = cursor.appendChild(
    make("line", { y1: reading.top, y2: reading.bottom, stroke: "#404040", "stroke-width": 0.7 }));
  const discs = reading.colors.map((color) =>
    cursor.appendChild(make("circle", { r: 3, fill: color, stroke: "#ffffff", "stroke-width": 1 })));

  const row = document.createElement("div");
  row.className = "reading";
  const label = row.appendChild(document.createElement("label"));
  label.append(reading.label + " ");
  const slider = label.appendChild(document.createElement("input"));
  slider.type = "range";
  slider.min = 0;
  slider.max = reading.points.length - 1;
  slider.value = 0;
  const output = row.appendChild(document.createElement("output"));
  output.textContent = "Move along the figure or the slider to read off its numbers.";
  figure.querySelector(".scroll").after(row);

  const show = (index) => {
    const [x, text, ys] = reading.points[index];
    slider.value = index;
    slider.setAttribute("aria-valuetext", text);
    output.textContent = text;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    discs.forEach((disc, at) => {
      disc.setAttribute("visibility", ys[at] === null ? "hidden" : "inherit");
      disc.setAttribute("cx", x);
      disc.setAttribute("cy", ys[at] ?? 0);
    });
    cursor.setAttribute("visibility", "visible");
  };
  slider.addEventListener("input", () => show(Number(slider.value)));
  svg.addEventListener("pointermove", (event) => {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let nearest = 0;
    reading.points.forEach(([x], index) => {
      if (Math.abs(x - place.x) < Math.abs(reading.points[nearest][0] - place.x)) nearest = index;
    });
    show(nearest);
  });
}
