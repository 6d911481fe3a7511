// Figures are drawn on a canvas, which knows no style sheet: they follow the browser's colour scheme here.
const dark = window.matchMedia("(prefers-color-scheme: dark)")

function paint() {
  const [ground, ink, line] = dark.matches ? ["#181d23", "#a3adb7", "#323a43"] : ["#ffffff", "#5a636d", "#d5d9de"]
  for (const figure of figures) {
    figure.background_fill_color = figure.border_fill_color = ground
    figure.outline_line_color = line
  }
  for (const axis of axes) {
    axis.axis_label_text_color = axis.major_label_text_color = ink
    axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = line
  }
  for (const grid of grids) grid.grid_line_color = line
}

paint()
dark.addEventListener("change", paint)
