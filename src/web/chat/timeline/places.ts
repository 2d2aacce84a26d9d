/** Where one left each chat, as long as the page lives. Who left at the end comes back to what is new. */
export interface Place {
  seq: number;
  top: number;
}

const places = new Map<string, Place>();

export const placeOf = (chatId: string): Place | undefined => places.get(chatId);

/** Undefined: nothing has to be kept. */
export function keepPlace(chatId: string, place: Place | undefined): void {
  if (place) places.set(chatId, place);
  else places.delete(chatId);
}
