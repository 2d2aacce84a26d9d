import './avatar.css';

export interface AvatarProps {
  /** It chooses the colour where there is no picture: a person's id; a group's name, for an invite tells no more of it. */
  id: string;
  name: string;
  src?: string | null | undefined;
  /** In rem; 3 by default. */
  size?: number;
  /** Shows a dot; absent: it is not known. */
  online?: boolean | undefined;
}

const hues = 12;

/** The colour of a person or chat, in degrees; a second time round the same hues are stronger. */
export function toHue(id: string): number {
  let sum = 0;
  for (let at = 0; at < id.length; at++) sum = (sum * 31 + id.charCodeAt(at)) % 9_973;
  return (sum % (2 * hues)) * (360 / hues);
}

/** The first letters of the first two words, as a person would read them. */
export function toInitials(name: string): string {
  const letters = name
    .split(/\s+/)
    .map((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.exec(word)?.[0])
    .filter((letter) => letter !== undefined);
  return letters.slice(0, 2).join('').toLocaleUpperCase();
}

/** A picture of somebody, or the letters of their name. Whatever holds it says the name. */
export const Avatar = ({ id, name, src, size = 3, online }: AvatarProps) => (
  <span class="avatar" style={{ width: `${size}rem`, height: `${size}rem`, fontSize: `${size * 0.38}rem` }}>
    {src ? (
      <img src={src} alt="" width="96" height="96" loading="lazy" decoding="async" draggable={false} />
    ) : (
      <span class="avatar-letters" style={{ '--hue': toHue(id) }} aria-hidden="true">
        {toInitials(name)}
      </span>
    )}
    {online && <span class="avatar-online" />}
  </span>
);
