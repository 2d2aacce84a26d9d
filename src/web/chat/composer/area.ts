/** The field itself: what changes its text as if one had typed it. */

/** Puts text in place of a part of the field, by default of what is selected, with the caret after it. */
export function insert(
  area: HTMLTextAreaElement,
  text: string,
  start: number = area.selectionStart,
  end: number = area.selectionEnd,
): void {
  area.setRangeText(text, start, end, 'end');
  area.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

const growsByItself = CSS.supports('field-sizing', 'content');

/** Makes the field as high as its text, where the style alone does not. */
export function fit(area: HTMLTextAreaElement): void {
  if (growsByItself) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}
