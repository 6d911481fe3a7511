"""Static networks (the paper, IV-B): is the chosen plan the best one, and as fast as predicted?"""
