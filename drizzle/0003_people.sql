CREATE TABLE "blocks" (
	"user_id" uuid NOT NULL,
	"blocked_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blocks_pkey" PRIMARY KEY("user_id","blocked_id")
);
--> statement-breakpoint
CREATE TABLE "chat_invites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"chat_id" uuid NOT NULL,
	"token" text NOT NULL,
	"title" text,
	"creator_id" uuid,
	"max_uses" integer,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(6) with time zone,
	"revoked_at" timestamp(6) with time zone
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"dialect" text NOT NULL,
	"ip" text,
	"user_agent" text,
	"connected_at" timestamp(6) with time zone NOT NULL,
	"disconnected_at" timestamp(6) with time zone,
	"close_code" integer
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reporter_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"chat_id" uuid,
	"message_id" uuid,
	"message_text" text,
	"reason" text NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp(6) with time zone
);
--> statement-breakpoint
CREATE TABLE "user_words" (
	"word" text NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "user_words_pkey" PRIMARY KEY("user_id","word")
);
--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "blocked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "deleted_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "groups" ADD COLUMN "description" text;--> statement-breakpoint
ALTER TABLE "groups" ADD COLUMN "avatar" text;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "joined_version" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "muted_until" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "archived_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "pinned_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "client_key" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "banned_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deleted_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocked_id_users_id_fk" FOREIGN KEY ("blocked_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_invites" ADD CONSTRAINT "chat_invites_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_invites" ADD CONSTRAINT "chat_invites_creator_id_users_id_fk" FOREIGN KEY ("creator_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_reporter_id_users_id_fk" FOREIGN KEY ("reporter_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_words" ADD CONSTRAINT "user_words_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "blocks_blocked_id_index" ON "blocks" USING btree ("blocked_id");--> statement-breakpoint
CREATE UNIQUE INDEX "chat_invites_token_key" ON "chat_invites" USING btree ("token");--> statement-breakpoint
CREATE INDEX "chat_invites_chat_id_index" ON "chat_invites" USING btree ("chat_id","created_at");--> statement-breakpoint
CREATE INDEX "connections_user_id_index" ON "connections" USING btree ("user_id","connected_at","id");--> statement-breakpoint
CREATE INDEX "connections_open_index" ON "connections" USING btree ("node_id","session_id") WHERE "connections"."disconnected_at" is null;--> statement-breakpoint
CREATE INDEX "connections_open_user_index" ON "connections" USING btree ("user_id") WHERE "connections"."disconnected_at" is null;--> statement-breakpoint
CREATE INDEX "connections_disconnected_at_index" ON "connections" USING btree ("disconnected_at");--> statement-breakpoint
CREATE INDEX "reports_open_index" ON "reports" USING btree ("created_at","id") WHERE "reports"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "reports_reporter_id_index" ON "reports" USING btree ("reporter_id","created_at");--> statement-breakpoint
CREATE INDEX "user_words_word_index" ON "user_words" USING btree ("word" collate "C","user_id");--> statement-breakpoint
CREATE INDEX "chats_deleted_index" ON "chats" USING btree ("id") WHERE "chats"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "groups_avatar_index" ON "groups" USING btree ("avatar") WHERE "groups"."avatar" is not null;--> statement-breakpoint
CREATE INDEX "users_avatar_index" ON "users" USING btree ("avatar") WHERE "users"."avatar" is not null;