/** Where one types on glass: a field that is focused brings a keyboard over what is shown. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;
