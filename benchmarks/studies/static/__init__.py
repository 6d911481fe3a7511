"""Static networks (the paper, IV-B): is the chosen plan the best, and as fast as predicted?"""
