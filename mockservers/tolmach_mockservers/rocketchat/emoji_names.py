"""The reaction names this server knows without custom emoji.

What it is for: refusing a glyph or a made-up name as the server does. What it must not do: be
complete; the setting ``EmojiCustom`` adds names.
"""

import re
from typing import Final

__all__ = ["is_emoji_name"]

_TEXT: Final = """
+1 -1 100 1234 8ball a ab abc accept airplane alarm_clock alien ambulance anchor angel anger angry
anguished ant apple arrow_down arrow_left arrow_right arrow_up art astonished atm b baby back balloon
ballot_box_with_check bangbang bank bar_chart baseball basketball battery beach bear bee beer beers
beetle bell bike birthday black_heart blossom blue_heart blush boat bomb book bookmark books boom boot
bouquet boxing_glove brain bread broken_heart bug building_construction bulb bus busts_in_silhouette
butterfly cactus cake calendar calling camera candy car card_index cat champagne chart
chart_with_downwards_trend chart_with_upwards_trend check_mark checkered_flag cherries chicken clap
clapper clipboard clock1 clock12 closed_lock_with_key cloud clown coffee cold_sweat comet compass
computer confetti_ball confounded confused construction construction_worker cookie cool cop copyright
cow cowboy crab credit_card crescent_moon crossed_fingers crown cry crystal_ball cupcake cyclone dancer
dart dash date desktop diamond_shape_with_a_dot_inside disappointed dizzy dizzy_face dog dollar dolphin
door doughnut dove dragon droplet duck eagle ear earth_africa earth_americas earth_asia egg eight
electric_plug elephant email envelope euro exclamation exploding_head expressionless eye eyeglasses eyes
face_palm facepalm factory fallen_leaf fast_forward fearful fencer fingers_crossed fire fire_engine
first_place fish fist five flag_black flag_white flags floppy_disk flushed football four
four_leaf_clover fox fox_face frog frowning gear gem ghost gift gift_heart globe_with_meridians goat
goggles golf grapes green_heart grimacing grin grinning guitar hammer hamburger hand hand_splayed
handshake hatched_chick headphones hear_no_evil heart heart_eyes heartbeat heartpulse heavy_check_mark
heavy_exclamation_mark heavy_minus_sign heavy_multiplication_x heavy_plus_sign helicopter hibiscus
high_brightness hospital hotdog hotel hourglass hourglass_flowing_sand house hugging hundred hushed
ice_cream id inbox_tray information_source innocent joy key keyboard kiss knife koala label ladybug
large_blue_circle laughing leaves ledger left_right_arrow lemon leopard light_bulb link lion lips lock
lock_with_ink_pen lollipop loop loud_sound loudspeaker love_letter low_brightness mag mag_right mailbox
man mask medal mega memo metal microphone microscope milky_way mobile_phone money_with_wings moneybag
monkey moon mortar_board mountain mouse muscle mushroom musical_note nauseated_face
negative_squared_cross_mark neutral_face new newspaper nine no_bell no_entry no_entry_sign no_good
no_mouth nose notebook notes ocean octagonal_sign octopus ok ok_hand on one open_hands open_mouth
orange_heart outbox_tray owl package page_facing_up palm_tree panda paperclip partying_face party_popper
paw_prints peach pear pencil pencil2 penguin pensive persevere phone pig pill pineapple ping_pong pizza
point_down point_left point_right point_up point_up_2 police_car popcorn postbox potato pouting_cat pray
printer punch purple_heart pushpin puzzle_piece question rabbit racehorse radio rage rainbow raised_hand
raised_hands raising_hand recycle red_car red_circle registered relaxed relieved repeat ribbon rice
robot robot_face rocket rofl rolling_eyes rose rotating_light round_pushpin runner sad sandwich santa
satellite school scissors scream scroll second_place see_no_evil seedling seven shamrock shark shield
ship shrug six skull sleeping sleepy slight_frown slight_smile smile smile_cat smiley smiling_imp smirk
snail snake snowflake snowman sob soccer sos sound space_invader sparkle sparkles sparkling_heart
speak_no_evil speaker speech_balloon spider star star2 stars stop_button stopwatch strawberry
stuck_out_tongue sun_with_face sunflower sunglasses sunny sunrise sushi sweat sweat_drops sweat_smile
syringe taco tada tangerine telephone telescope tennis tent thermometer thinking thinking_face
third_place three thought_balloon thumbsdown thumbsup ticket tiger timer tired_face tm toilet tomato
tools top tornado tractor traffic_light train trash tree triangular_flag_on_post triumph trophy truck
tulip turtle two u7121 umbrella unamused underage unicorn unlock up upside_down v vertical_traffic_light
video_camera volcano vs walking warning wastebasket watch watermelon wave weary whale white_check_mark
white_circle white_heart white_square_button wind_chime wine_glass wink wolf woman worried wrench x
yellow_heart yum zap zero zipper_mouth zzz
"""
_NAMES: Final = frozenset(_TEXT.split())
_PATTERNED: Final = re.compile(r"(flag_[a-z]{2}|[a-z0-9_+-]+_tone[1-5]|clock(1[0-2]|[1-9])(30)?)")


def is_emoji_name(name: str) -> bool:
    """Whether ``name`` (without colons) stands for an emoji."""
    if name in _NAMES:
        return True
    if not _PATTERNED.fullmatch(name):
        return False
    return "_tone" not in name or name.rpartition("_tone")[0] in _NAMES
