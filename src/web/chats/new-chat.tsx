/** Finds a person and opens the chat with them. */
export function NewChat() {
  return <p>NewChat</p>;
}
