-- Chats: what owners and admins change, what each member keeps for themselves, invites, deleting a group.

-- Who is in a chat without having joined later joined with the version that their membership has.
update memberships set joined_version = version;
